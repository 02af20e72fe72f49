//! rustdoc shows an annotated function as it is written.

use std::fs;
use std::path::Path;

use super::package::{Package, plain};

/// Returns the text of the main section of a page, with the links to the source code.
fn text(page: &Path) -> String {
    let html = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let (_, section) = html
        .split_once("<section id=\"main-content\"")
        .expect("a page has a main section");
    let (section, _) = section.split_once("</section>").expect("the section ends");
    let mut text = String::new();
    for part in section.split('<') {
        let (tag, part) = part.split_once('>').unwrap_or_default();
        // The lines of the function.
        if let Some((_, lines)) = tag.split_once(".rs.html#") {
            text.push_str(lines);
        }
        text.push_str(part);
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn page_of_annotated_function_is_that_of_the_plain_function() {
    let package = Package::new("rustdoc").with_plain_functions();
    let output = package.cargo(&["doc", "--no-deps", "--bins", "--document-private-items"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pages = package.target().join("doc");
    let mut compared = 0;
    for name in package.annotated() {
        let plain = plain(name);
        for entry in fs::read_dir(pages.join(&plain)).expect("the pages exist") {
            let file = entry.expect("failed to read the directory").file_name();
            let file = file.to_str().expect("the name is UTF-8");
            // A handler named `main` is inside of the generated `main`, where rustdoc shows no items.
            if !file.starts_with("fn.") || file.starts_with("fn.main") {
                continue;
            }
            let expected = text(&pages.join(&plain).join(file)).replace(&plain, name);
            assert_eq!(text(&pages.join(name).join(file)), expected, "{name}: {file}");
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} pages");
    let documented = text(&pages.join("no_parameters/fn.wait.html"));
    assert!(
        documented.contains("pub(crate) async fn wait() -> Result<()>"),
        "{documented}"
    );
    assert!(documented.contains("Returns the error of the clock."), "{documented}");
    let main = text(&pages.join("named_main/fn.main.html"));
    assert!(main.contains("fn main() -> ExitCode"), "{main}");
}
