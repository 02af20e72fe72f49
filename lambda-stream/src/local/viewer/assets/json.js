// Finds the first error of a JSON text. The messages of browsers differ, and not all name the place.

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// Control characters must be escaped.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class Failure extends Error {
  constructor(position, expected) {
    super(expected);
    this.position = position;
  }
}

// Returns what is wrong and where, such as "expected a value at line 2, column 8", or null.
export function jsonError(text) {
  let position = 0;

  function take(pattern) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match !== null;
  }

  function takeCharacter(character) {
    take(SPACE);
    if (text[position] !== character) return false;
    position++;
    take(SPACE);
    return true;
  }

  function fail(expected) {
    throw new Failure(position, expected);
  }

  function list(end, item) {
    if (takeCharacter(end)) return;
    do item();
    while (takeCharacter(","));
    if (!takeCharacter(end)) fail(`expected \`,\` or \`${end}\``);
  }

  function member() {
    if (!take(STRING)) fail(text[position] === '"' ? "invalid string" : "expected a name in double quotes");
    if (!takeCharacter(":")) fail("expected `:`");
    value();
  }

  function value() {
    take(SPACE);
    if (takeCharacter("{")) list("}", member);
    else if (takeCharacter("[")) list("]", value);
    else if (!take(STRING) && !take(NUMBER) && !take(WORD)) fail(text[position] === '"' ? "invalid string" : "expected a value");
    take(SPACE);
  }

  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    try {
      value();
      if (position < text.length) fail("expected the end");
    } catch (failure) {
      if (failure instanceof Failure) {
        const before = text.slice(0, failure.position).split("\n");
        return `${failure.message} at line ${before.length}, column ${before.at(-1).length + 1}`;
      }
    }
    return error.message;
  }
}
