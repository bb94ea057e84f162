//! Pages as they come, and what grew between two of them.

use super::increase::{Looks, increase};
use super::page::{Page, Sample, Syntax};
use super::selector::Selector;
use crate::model::Answer;
use jiff::Timestamp;
use proptest::prelude::*;

/// When the first look was taken.
const FIRST: i64 = 1_700_000_000;

fn read(text: &str, syntax: Syntax) -> Result<Page, String> {
    Page::parse(text, syntax, &|_| true)
}

fn samples(text: &str, syntax: Syntax) -> Result<Vec<String>, String> {
    let show = |sample: &Sample| format!("{} {} {:?}", sample.series(), sample.value, sample.time);
    read(text, syntax).map(|page| page.samples.iter().map(show).collect())
}

#[test]
fn both_formats_are_read() {
    let prometheus = "\
# HELP http_requests_total The number of \"requests\".\n\
# TYPE http_requests_total counter\n\
http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n\
\n\
  # a comment\n\
  msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n\\\"x\\\"\",} 1.458255915e9\n\
metric_without_timestamp_and_labels 12.47\n\
something_weird{problem=\"division by zero\"} +Inf -3982045\n\
{\"my.metric\", \"a b\"=\"c\"} NaN\n";
    assert_eq!(
        samples(prometheus, Syntax::Prometheus).unwrap(),
        [
            r#"http_requests_total{code="200",method="post"} 1027 Some(1395066363.0)"#,
            r#"msdos_file_access_time_seconds{error="Cannot find file:\n\"x\"",path="C:\\DIR\\FILE.TXT"} 1458255915 None"#,
            "metric_without_timestamp_and_labels{} 12.47 None",
            r#"something_weird{problem="division by zero"} inf Some(-3982.045)"#,
            r#"my.metric{a b="c"} NaN None"#,
        ]
    );
    let open_metrics = "\
# TYPE foo counter\n\
foo_total{a=\"x # {\"} 17.0 1520879607.789 # {trace_id=\"1\"} 0.67 1520879606.1\n\
foo_created{a=\"x # {\"} 1520430000.123\n\
# EOF\n";
    assert_eq!(
        samples(open_metrics, Syntax::OpenMetrics).unwrap(),
        [r#"foo_total{a="x # {"} 17 Some(1520879607.789)"#, r#"foo_created{a="x # {"} 1520430000.123 None"#,]
    );
}

#[test]
fn what_is_no_whole_page_is_refused() {
    for (text, syntax, why) in [
        ("a 1\nb 2", Syntax::Prometheus, "its last line has no end, so that it may be cut off"),
        ("a 1\n", Syntax::OpenMetrics, "it does not end with `# EOF`, so that it is cut off"),
        ("# EOF\na 1\n", Syntax::OpenMetrics, "line 2: it follows `# EOF`: `a 1`"),
        ("a 1\na 2\n", Syntax::Prometheus, "the series `a{}` stands in it twice"),
        (
            "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n",
            Syntax::Prometheus,
            "the series `a{x=\"1\",y=\"2\"}` stands in it twice",
        ),
        ("<html>\n", Syntax::Prometheus, "line 1: there is no value: `<html>`"),
        ("<p>not found</p> 404\n", Syntax::Prometheus, "line 1: this is no metric: `<p>not found</p> 404`"),
        ("a\n", Syntax::Prometheus, "line 1: there is no value: `a`"),
        ("a x\n", Syntax::Prometheus, "line 1: its value is no number: `a x`"),
        ("a 1 x\n", Syntax::Prometheus, "line 1: its time is no number: `a 1 x`"),
        ("a 1 2 3\n", Syntax::Prometheus, "line 1: there is more than a value and a time: `a 1 2 3`"),
        ("a{x=\"1} 1\n", Syntax::Prometheus, "line 1: a quoted text has no end: `a{x=\"1} 1`"),
        ("a{x=1} 1\n", Syntax::Prometheus, "line 1: a label's value is not quoted: `a{x=1} 1`"),
        ("a{x=\"1\" 1\n", Syntax::Prometheus, "line 1: its labels can't be read: `a{x=\"1\" 1`"),
        (
            "a{x=\"1\",x=\"2\"} 1\n",
            Syntax::Prometheus,
            "line 1: a label has no name, or stands twice: `a{x=\"1\",x=\"2\"} 1`",
        ),
    ] {
        assert_eq!(samples(text, syntax), Err(why.to_owned()), "{text:?}");
    }
}

#[test]
fn selectors_match_as_in_promql() {
    let page = "a{l=\"x\",code=\"500\"} 1\na{l=\"x\",code=\"200\"} 2\na{l=\"y\",code=\"1500\"} 4\na 8\nb{l=\"x\"} 16\n";
    for (selector, sum) in [
        ("a", 15.0),
        (r#"a{l="x"}"#, 3.0),
        (r#"a{l!="x"}"#, 12.0),
        (r#"a{code=~"5.."}"#, 1.0),
        (r#"a{code!~"5.."}"#, 14.0),
        (r#"a{l=""}"#, 8.0),
        (r#"{__name__=~"a|b",l="x"}"#, 19.0),
        (r#"a{l='x',code=~`5..|200`}"#, 3.0),
    ] {
        let (page, parsed) = (read(page, Syntax::Prometheus).unwrap(), Selector::parse(selector).unwrap());
        assert_eq!(page.matching(&parsed).map(|sample| sample.value).sum::<f64>(), sum, "{selector}");
    }
    for text in ["sum(a)", "a[5m]", "a offset 5m", "a{", "", "a @ 5"] {
        assert!(Selector::parse(text).is_err(), "{text}");
    }
}

/// Returns by how much `r{…}` and `e{…}` grew.
fn grown(first: &str, second: &str) -> Result<(Answer, Answer), String> {
    let page = |text: &str| {
        let syntax = if text.contains("# EOF") { Syntax::OpenMetrics } else { Syntax::Prometheus };
        read(text, syntax).unwrap()
    };
    let (first, second) = (page(first), page(second));
    let selector = |text| Selector::parse(text).unwrap();
    let (errors, total) = (selector(r#"{__name__=~"e|e_total|g|h_bucket|s"}"#), selector(r#"{__name__=~"r|r_total"}"#));
    let looks = Looks::new((&first, &second), Timestamp::from_second(FIRST).unwrap(), [&errors, &total])?;
    Ok((increase(&looks, &errors), increase(&looks, &total)))
}

#[test]
fn counters_grow_series_by_series() {
    use Answer::{Absent, Nonsense, Number};
    for (first, second, errors, total) in [
        ("r 100\ne 1\n", "r 150\ne 3\n", Number(2.0), Number(50.0)),
        ("r{p=\"1\"} 100\nr{p=\"2\"} 7\n", "r{p=\"1\"} 110\nr{p=\"2\"} 8\n", Absent, Number(11.0)),
        // A reset of one series, in a process that goes on: it counts from 0, as does the other.
        (
            "process_start_time_seconds 1699990000\nr{p=\"1\"} 100\nr{p=\"2\"} 7\n",
            "process_start_time_seconds 1699990000\nr{p=\"1\"} 4\nr{p=\"2\"} 8\n",
            Absent,
            Number(5.0),
        ),
        // A restart, with more errors since than before: what was counted before must not be taken off them.
        (
            "r 10000\ne 10\n",
            "r 288\ne 12\n",
            Nonsense("`e{}`, which may have begun anew between two looks, as another did".to_owned()),
            Number(288.0),
        ),
        // The first error appears.
        ("r 100\n", "r 150\ne 3\n", Number(3.0), Number(50.0)),
        // A restart took the error series along.
        ("r 100\ne 1\n", "r 50\n", Number(0.0), Number(50.0)),
        // A restart that the values hide.
        (
            "process_start_time_seconds 1699990000\nr 100\ne 1\n",
            "process_start_time_seconds 1700000010\nr 150\n",
            Number(0.0),
            Number(150.0),
        ),
        // The same, told by the counter itself.
        (
            "# TYPE r counter\nr_total 100\nr_created 1699990000\n# EOF\n",
            "# TYPE r counter\nr_total 150\nr_created 1700000010\n# EOF\n",
            Absent,
            Number(150.0),
        ),
    ] {
        assert_eq!(grown(first, second), Ok((errors, total)), "{first} {second}");
    }
}

#[test]
fn what_can_not_be_a_count_is_none() {
    let nonsense = |why: &str| Answer::Nonsense(why.to_owned());
    for (first, second, errors) in [
        ("e 1\nr 1\n", "r 2\n", nonsense("`e{}`, which vanished between two looks")),
        ("# TYPE g gauge\ng 5\nr 1\n", "# TYPE g gauge\ng 7\nr 2\n", nonsense("`g`, which is a gauge, no counter")),
        (
            "# TYPE h histogram\nh_bucket{le=\"1\"} 5\n",
            "# TYPE h histogram\nh_bucket{le=\"1\"} 7\n",
            nonsense("`h_bucket` without a fixed `le`, which counts a request many times"),
        ),
        ("# TYPE s summary\ns 5\n", "# TYPE s summary\ns 7\n", nonsense("`s`, which is a summary, no counter")),
        ("e -3\n", "e 4\n", Answer::Number(-3.0)),
        ("e 3\n", "e +Inf\n", Answer::Number(f64::INFINITY)),
        (
            "r 1\n# EOF\n",
            "# TYPE e counter\nr 2\ne_total 5\ne_created 1699990000\n# EOF\n",
            nonsense("`e_total{}`, which appeared though it is older"),
        ),
    ] {
        assert_eq!(grown(first, second).unwrap().0, errors, "{first} {second}");
    }
    let (errors, _) = grown("e NaN\n", "e 5\n").unwrap();
    assert!(matches!(errors, Answer::Number(number) if number.is_nan()));
}

#[test]
fn two_processes_can_not_be_compared() {
    for (one, two) in [(1_699_990_000, 1_699_980_000), (1_699_990_000, 1_699_995_000)] {
        let page = |start| format!("process_start_time_seconds {start}\nr 100\n");
        assert_eq!(
            grown(&page(one), &page(two)),
            Err(format!(
                "answered as two different processes (`process_start_time_seconds` is {one}, then {two}); `url` must \
                 lead to one process, not to a load balancer"
            ))
        );
    }
}

proptest! {
    /// Any text is read or refused; nothing panics, and what is read is as many samples as there are sample lines.
    #[test]
    fn any_page_is_read_or_refused(text in "([a-c]{1,2}(\\{[lm]=\"[x\\\\\"n]{0,3}\"\\})? [0-9+.eInfNa-]{1,5}( [0-9]{1,3})?\n|#? ?[ -~]{0,12}\n){0,6}") {
        for syntax in [Syntax::Prometheus, Syntax::OpenMetrics] {
            if let Ok(page) = read(&text, syntax) {
                let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
                prop_assert_eq!(page.samples.len(), lines.count());
            }
        }
    }

    /// A page cut anywhere but at the end of a line is never taken for whole.
    #[test]
    fn a_cut_page_is_refused(cut in 1usize..60) {
        let page = "a{l=\"x\"} 100\na{l=\"y\"} 200\nb_total 12345 1700000000000\nc 1\n";
        let part = &page[..cut.min(page.len() - 1)];
        prop_assert_eq!(read(part, Syntax::Prometheus).is_ok(), part.ends_with('\n'));
    }
}
