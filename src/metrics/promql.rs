//! What can be known of a PromQL expression without asking a server: its selectors and how far back it reaches.

use promql_parser::parser::{self, AtModifier, Expr, Offset, VectorSelector};
use std::time::Duration;

/// The shape of an expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its vector selectors without range, offset and repetition, as PromQL.
    pub(super) selectors: Vec<String>,
    /// The metric name of each of them; `None` where one has none, or one that is a regular expression.
    pub(super) names: Option<Vec<String>>,
    /// How far back it looks from the time of evaluation; an instant selector looks at that time.
    pub(super) reach: Duration,
}

/// Reads an expression.
///
/// # Errors
/// Says why it can't be read: MetricsQL, a fixed time (`@`), or simply wrong.
pub(super) fn shape(query: &str) -> Result<Shape, String> {
    let mut shape = Shape { selectors: Vec::new(), names: Some(Vec::new()), reach: Duration::ZERO };
    shape.walk(&parser::parse(query)?, Duration::ZERO)?;
    Ok(shape)
}

/// Why an expression can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// No server can: a sentence.
    Broken(String),
    /// Prometheus can't; what else speaks its API may have more to its language.
    Foreign(String),
}

/// Says what is wrong with a query whose placeholders are filled in.
///
/// # Errors
/// Why it can't be read, and whether by nobody.
pub fn check_query(text: &str) -> Result<(), Unreadable> {
    let Err(why) = parser::parse(text) else { return Ok(()) };
    match unbalanced(text) {
        Some(what) => Err(Unreadable::Broken(what)),
        None => Err(Unreadable::Foreign(why)),
    }
}

/// Finds a bracket or a quote that has no partner.
fn unbalanced(text: &str) -> Option<String> {
    let mut open: Vec<char> = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(character) => return Some(format!("`{character}` closes nothing")),
            '"' | '\'' | '`' => loop {
                match characters.next() {
                    None => return Some(format!("a text that `{character}` begins has no end")),
                    Some('\\') if character != '`' => drop(characters.next()),
                    Some(end) if end == character => break,
                    Some(_) => {}
                }
            },
            '#' => drop(characters.find(|character| *character == '\n')),
            _ => {}
        }
    }
    if text.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    open.pop().map(|end| format!("a `{end}` is missing"))
}

impl Shape {
    /// Collects what is in `expr`, which is evaluated as far back as `back`.
    fn walk(&mut self, expr: &Expr, back: Duration) -> Result<(), String> {
        match expr {
            Expr::VectorSelector(selector) => self.take(selector, back),
            Expr::MatrixSelector(matrix) => self.take(&matrix.vs, back.saturating_add(matrix.range)),
            Expr::Subquery(subquery) => {
                not_fixed(subquery.at.as_ref())?;
                let back = earlier(back, subquery.offset.as_ref()).saturating_add(subquery.range);
                self.walk(&subquery.expr, back)
            }
            Expr::Aggregate(aggregate) => {
                aggregate.param.iter().try_for_each(|param| self.walk(param, back))?;
                self.walk(&aggregate.expr, back)
            }
            Expr::Unary(unary) => self.walk(&unary.expr, back),
            Expr::Binary(binary) => {
                self.walk(&binary.lhs, back)?;
                self.walk(&binary.rhs, back)
            }
            Expr::Paren(paren) => self.walk(&paren.expr, back),
            Expr::Call(call) => call.args.args.iter().try_for_each(|argument| self.walk(argument, back)),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
            Expr::Extension(_) => Err("an extension".to_owned()),
        }
    }

    fn take(&mut self, selector: &VectorSelector, back: Duration) -> Result<(), String> {
        not_fixed(selector.at.as_ref())?;
        self.reach = self.reach.max(earlier(back, selector.offset.as_ref()));
        let bare = VectorSelector { offset: None, at: None, ..selector.clone() };
        let text = bare.to_string();
        if !self.selectors.contains(&text) {
            self.selectors.push(text);
        }
        match (name(selector), &mut self.names) {
            (Some(name), Some(names)) if !names.contains(&name) => names.push(name),
            (Some(_), _) => {}
            (None, names) => *names = None,
        }
        Ok(())
    }
}

fn name(selector: &VectorSelector) -> Option<String> {
    use promql_parser::label::MatchOp;
    let matcher = selector.matchers.matchers.iter().find(|matcher| matcher.name == "__name__");
    match (&selector.name, matcher) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(matcher)) if matcher.op == MatchOp::Equal => Some(matcher.value.clone()),
        (None, _) => None,
    }
}

/// Moves further back; a negative offset looks ahead and counts as none.
const fn earlier(back: Duration, offset: Option<&Offset>) -> Duration {
    match offset {
        Some(Offset::Pos(by)) => back.saturating_add(*by),
        Some(Offset::Neg(_)) | None => back,
    }
}

fn not_fixed(at: Option<&AtModifier>) -> Result<(), String> {
    match at {
        None => Ok(()),
        Some(_) => Err("it looks at a fixed time (`@`)".to_owned()),
    }
}

/// Writes a metric's name as a selector that is right whatever the name is.
pub(super) fn named(name: &str) -> String {
    format!("{{__name__=\"{}\"}}", name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selectors(query: &str) -> Vec<String> {
        shape(query).unwrap().selectors
    }

    #[test]
    fn finds_the_bare_selectors() {
        for (query, expected) in [
            (r#"sum(increase(a_total{flag="x",code=~"5.."}[10m]))"#, vec![r#"a_total{code=~"5..",flag="x"}"#]),
            (r#"sum(rate(a[1m] offset 5m)) + sum(rate(a[1m]))"#, vec!["a"]),
            (r#"a{l="q\"u\\o"} or b"#, vec![r#"a{l="q\"u\\o"}"#, "b"]),
            (r#"max_over_time(sum(rate(a{f!~"x|y"}[1m]))[10m:30s])"#, vec![r#"a{f!~"x|y"}"#]),
            (r#"{__name__="a", f="x"}"#, vec![r#"{__name__="a",f="x"}"#]),
            ("topk(3, a) / on(f) group_left b", vec!["a", "b"]),
            ("1 + 2", vec![]),
        ] {
            assert_eq!(selectors(query), expected, "{query}");
        }
    }

    #[test]
    fn knows_how_far_back_it_reaches() {
        for (query, seconds) in [
            ("a", 0),
            ("increase(a[10m])", 600),
            ("increase(a[10m] offset 5m)", 900),
            ("increase(a[10m]) / increase(b[1h])", 3600),
            ("max_over_time(rate(a[1m])[10m:30s] offset 1m)", 720),
        ] {
            assert_eq!(shape(query).unwrap().reach, Duration::from_secs(seconds), "{query}");
        }
    }

    #[test]
    fn knows_the_names_where_they_are_plain() {
        let names = |query: &str| shape(query).unwrap().names;
        assert_eq!(names("sum(a) + sum(b) + a"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(names(r#"sum({__name__="a"})"#), Some(vec!["a".to_owned()]));
        assert_eq!(names(r#"sum({__name__=~"a.*"}) + b"#), None);
        assert_eq!(named("a\"b\\"), r#"{__name__="a\"b\\"}"#);
    }

    #[test]
    fn what_is_no_promql_is_an_error() {
        for query in ["rate(a)", "sum(a", "a @ 100", "WITH (x = a) x", "sum(rate(a[5m])) keep_metric_names"] {
            assert!(shape(query).is_err(), "{query}");
        }
    }
}
