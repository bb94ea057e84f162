//! A block between two markers in a document that is somebody else's: each marker is a line of its own, outside of code.

use std::ops::Range;

/// Returns the document with `block` in it: between its markers, else at the end; with the line ends of the document.
///
/// # Errors
/// Why the place can't be told: a sentence fragment.
pub(super) fn put(document: &str, begin: &str, end: &str, block: &str) -> Result<String, &'static str> {
    let crlf = document.find('\n').is_some_and(|at| document[..at].ends_with('\r'));
    let eol = if crlf { "\r\n" } else { "\n" };
    let block = format!("{begin}\n{block}{end}\n").replace('\n', eol);
    let (lines, open) = prose(document);
    let of = |marker: &str| -> Vec<Range<usize>> {
        lines.iter().filter(|line| is_marker(&document[(*line).clone()], marker)).cloned().collect()
    };
    match (of(begin).as_slice(), of(end).as_slice()) {
        ([], []) if open => Err("its last block of code has no end, and what is written below would be code too"),
        ([], []) => {
            let blank = [eol, eol].concat();
            let gap = match document {
                "" => "",
                text if text.ends_with(&blank) => "",
                text if text.ends_with('\n') => eol,
                _ => blank.as_str(),
            };
            Ok(format!("{document}{gap}{block}"))
        }
        ([start], [stop]) if start.start < stop.start => {
            Ok(format!("{}{block}{}", &document[..start.start], &document[stop.end..]))
        }
        _ => Err("its block is not between one pair of markers"),
    }
}

/// True for a line that is the marker: four blanks before it, or a tab, would make it code.
fn is_marker(line: &str, marker: &str) -> bool {
    let bare = line.trim_start_matches(' ');
    line.len() - bare.len() <= 3 && bare.trim_end() == marker
}

/// Returns the lines outside of blocks of code, their ends included, and whether the last such block has no end.
fn prose(document: &str) -> (Vec<Range<usize>>, bool) {
    let (mut lines, mut at) = (Vec::new(), 0);
    let mut fence: Option<(char, usize)> = None;
    for line in document.split_inclusive('\n') {
        let span = at..at + line.len();
        at = span.end;
        match (fence, mark(line)) {
            (None, Some((letter, count, _))) => fence = Some((letter, count)),
            (None, None) => lines.push(span),
            (Some((letter, least)), Some((other, count, true))) if letter == other && count >= least => fence = None,
            (Some(_), _) => {}
        }
    }
    (lines, fence.is_some())
}

/// Reads the line that begins or ends a block of code: its letter, how often it stands there, and whether it stands alone.
fn mark(line: &str) -> Option<(char, usize, bool)> {
    let bare = line.trim_start_matches(' ');
    let letter = bare.chars().next().filter(|letter| ['`', '~'].contains(letter))?;
    let rest = bare.trim_start_matches(letter);
    let count = bare.len() - rest.len();
    let is_fence = line.len() - bare.len() <= 3 && count >= 3 && !(letter == '`' && rest.contains('`'));
    is_fence.then(|| (letter, count, rest.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = "<!-- b -->";
    const END: &str = "<!-- e -->";

    #[test]
    fn markers_in_code_are_no_markers() {
        for fence in ["```", "~~~~", "  ```md"] {
            let close = fence.trim().trim_end_matches("md");
            let document = format!("{fence}\n{BEGIN}\nas such\n{END}\n{close}\n\n{BEGIN}\nold\n{END}\nafter\n");
            let expected = document.replace("old\n", "new\n");
            assert_eq!(put(&document, BEGIN, END, "new\n").unwrap(), expected);
            let only = format!("{fence}\n{BEGIN}\n{END}\n{close}\n");
            assert_eq!(put(&only, BEGIN, END, "new\n").unwrap(), format!("{only}\n{BEGIN}\nnew\n{END}\n"));
        }
        assert!(put("```\ncode\n", BEGIN, END, "new\n").is_err());
        for blanks in ["    ", "\t", "  \t"] {
            let code = format!("For example:\n\n{blanks}{BEGIN}\n{blanks}old\n{blanks}{END}\n");
            assert_eq!(put(&code, BEGIN, END, "new\n").unwrap(), format!("{code}\n{BEGIN}\nnew\n{END}\n"));
        }
        assert_eq!(
            put(&format!("   {BEGIN}\n{END}\n"), BEGIN, END, "new\n").unwrap(),
            format!("{BEGIN}\nnew\n{END}\n")
        );
        let said = format!("Write `{BEGIN}` where it goes.\n");
        assert!(put(&said, BEGIN, END, "new\n").unwrap().starts_with(&said));
    }

    #[test]
    fn the_block_has_the_line_ends_of_its_document() {
        let first = put("# Title\r\n", BEGIN, END, "one\n\ntwo\n").unwrap();
        assert_eq!(first, format!("# Title\r\n\r\n{BEGIN}\r\none\r\n\r\ntwo\r\n{END}\r\n"));
        assert_eq!(put(&first, BEGIN, END, "one\n\ntwo\n").unwrap(), first);
    }
}
