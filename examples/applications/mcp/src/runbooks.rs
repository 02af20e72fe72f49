//! The runbooks and their search.

use rmcp::schemars;
use serde::Serialize;

/// A document that says what to do in an incident.
#[derive(Debug)]
pub(crate) struct Runbook {
    pub(crate) uri: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) const RUNBOOKS: [Runbook; 5] = [
    Runbook {
        uri: "runbook://database-connections",
        text: include_str!("../runbooks/database-connections.md"),
    },
    Runbook {
        uri: "runbook://expired-certificate",
        text: include_str!("../runbooks/expired-certificate.md"),
    },
    Runbook {
        uri: "runbook://high-error-rate",
        text: include_str!("../runbooks/high-error-rate.md"),
    },
    Runbook {
        uri: "runbook://queue-backlog",
        text: include_str!("../runbooks/queue-backlog.md"),
    },
    Runbook {
        uri: "runbook://slow-responses",
        text: include_str!("../runbooks/slow-responses.md"),
    },
];

/// A runbook that contains words of a query.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Match {
    /// The URI of the resource.
    uri: &'static str,
    title: &'static str,
    /// The line with most words of the query.
    excerpt: &'static str,
}

impl Runbook {
    pub(crate) fn title(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches("# ")
    }

    /// Returns the line with most of these words, and the number of words in the runbook.
    fn search(&self, words: &[String]) -> (&'static str, usize) {
        let count = |text: &str| {
            let text = text.to_lowercase();
            words.iter().filter(|word| text.contains(word.as_str())).count()
        };
        let best = self.text.lines().skip(1).max_by_key(|line| count(line));
        (best.unwrap_or_default(), count(self.text))
    }
}

/// Returns the runbooks that contain a word of the query. Those that contain most words come first.
pub(crate) fn search(query: &str, limit: usize) -> Vec<Match> {
    let words = query.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words.filter(|word| word.len() > 2).map(str::to_lowercase).collect();
    let mut found: Vec<(usize, Match)> = RUNBOOKS
        .iter()
        .filter_map(|runbook| {
            let (excerpt, count) = runbook.search(&words);
            let (uri, title) = (runbook.uri, runbook.title());
            (count > 0).then_some((count, Match { uri, title, excerpt }))
        })
        .collect();
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    found.into_iter().take(limit).map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, limit: usize) -> Vec<&'static str> {
        search(query, limit).into_iter().map(|found| found.title).collect()
    }

    #[test]
    fn runbook_with_most_words_is_first() {
        assert_eq!(
            found("Which QUEUE has messages that block a partition?", 1),
            ["Queue backlog"]
        );
        assert_eq!(found("dns validation", 1), ["Expired certificate"]);
    }

    #[test]
    fn unknown_words_find_nothing() {
        assert!(found("xylophone", 3).is_empty());
        assert!(found("", 3).is_empty());
    }

    #[test]
    fn excerpt_is_line_with_most_words() {
        let best = search("idle transaction sessions minutes", 1).remove(0);
        assert!(best.excerpt.starts_with("- End the sessions"), "{best:?}");
    }
}
