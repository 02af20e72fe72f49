-- 100,000 orders for the example `report`: sqlite3 /tmp/orders.db < report/sample.sql
DROP TABLE IF EXISTS orders;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    created TEXT NOT NULL,
    customer TEXT NOT NULL,
    cents INTEGER NOT NULL,
    note TEXT
);
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
INSERT INTO orders
SELECT
    n,
    date('2025-01-01', (n / 300) || ' days'),
    'customer ' || (n % 1000),
    n * 7919 % 100000,
    CASE n % 10 WHEN 0 THEN 'gift, "fragile"' END
FROM numbers;
