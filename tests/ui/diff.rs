//! The difference of two programs, for a reader.

use std::collections::BTreeSet;

/// The number of unchanged lines around a change.
const CONTEXT: usize = 1;

/// Returns the changed lines with `-` and `+` in front, and the lines around them. A line with `…` stands for others.
pub(crate) fn diff(old: &str, new: &str) -> String {
    let lines = changes(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let is_near = |index: usize| {
        let range = index.saturating_sub(CONTEXT)..lines.len().min(index + CONTEXT + 1);
        lines[range].iter().any(|(mark, _)| *mark != ' ')
    };
    let mut text = String::new();
    let mut is_skipped = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        if !is_near(index) {
            is_skipped = true;
            continue;
        }
        if is_skipped && !text.is_empty() {
            text += " …\n";
        }
        is_skipped = false;
        let line = format!("{mark}{line}");
        text += line.trim_end();
        text += "\n";
    }
    text
}

/// Returns the numbers, from 1, of the old lines that the new program does not have, and of those before an added line.
pub(crate) fn changed_lines(old: &str, new: &str) -> BTreeSet<usize> {
    let lines = changes(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let mut changed = BTreeSet::new();
    let mut number = 0;
    for (mark, line) in lines {
        if mark != '+' {
            number += 1;
        }
        // An empty line is between two items.
        if mark != ' ' && !line.is_empty() {
            changed.insert(number);
        }
    }
    changed
}

/// Returns all lines of both programs: `-` only in the old one, `+` only in the new one, and a space if in both.
fn changes<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    // The length of the longest common subsequence from each pair of lines on.
    let mut lengths = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = match old[i] == new[j] {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut changes = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            changes.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || lengths[i + 1][j] >= lengths[i][j + 1]) {
            changes.push(('-', old[i]));
            i += 1;
        } else {
            changes.push(('+', new[j]));
            j += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::{changed_lines, diff};

    #[test]
    fn changed_lines_have_one_line_of_context() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nC\nd\ne\nf\ng\nh\ni\n";
        assert_eq!(diff(old, new), " b\n-c\n+C\n d\n …\n h\n+i\n");
        assert_eq!(diff(old, old), "");
        assert_eq!(changed_lines(old, new).into_iter().collect::<Vec<_>>(), [3, 8]);
    }
}
