//! Checks that the attribute is in the root module of a program.

/// Fails at compile time if `path`, the result of `module_path!`, is not a root module. There, the generated `main` would be
/// a function that nothing calls, and the program would do nothing.
///
/// # Panics
/// If it is another module.
#[track_caller]
pub const fn assert_root_module(path: &str) {
    // rustdoc puts each of several doctests in a module of its own.
    assert!(
        !contains(path.as_bytes(), b"::") || contains(path.as_bytes(), b"::__doctest_"),
        "`#[lambda_stream::main]` generates `fn main` next to the handler, but only the `main` of the root module is the start of a program: move the handler to the root module, such as `src/main.rs`"
    );
}

/// Like `str::contains`, at compile time.
const fn contains(text: &[u8], part: &[u8]) -> bool {
    let mut start = 0;
    while start + part.len() <= text.len() {
        let mut matching = 0;
        while matching < part.len() && text[start + matching] == part[matching] {
            matching += 1;
        }
        if matching == part.len() {
            return true;
        }
        start += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_module_and_doctests_are_accepted() {
        assert_root_module("hello");
        assert_root_module("rust_out");
        assert_root_module("doctest_bundle_2024::__doctest_3");
    }

    #[test]
    #[should_panic(expected = "move the handler to the root module")]
    fn other_modules_are_rejected() {
        assert_root_module("hello::handlers");
    }
}
