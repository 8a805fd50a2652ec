//! Records of a delimited text file. Stricter than most readers: a quote that is never closed, or text after a closing
//! quote, is an error with its line rather than a field that swallows the rest of the file.

use super::problem::Problem;
use std::io::{BufRead, BufReader, Read};

/// The longest field; a longer one is the work of a lost quote.
const MAX_FIELD: usize = 64 * 1024;
/// The most fields in a record.
const MAX_FIELDS: usize = 1_000;

/// Fields of one record and the line on which it begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub line: u64,
    pub fields: Vec<String>,
}

/// Reads records.
pub(super) struct Records<R> {
    input: BufReader<R>,
    separator: u8,
    line: u64,
}

/// Where the reader stands within a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Start,
    Plain,
    Quoted { opened: u64 },
    Closed { opened: u64 },
}

/// Why there is no record.
#[derive(Debug)]
pub(super) enum Failure {
    Problem(Problem),
    Io(std::io::Error),
}

impl<R: Read> Records<R> {
    /// Over a UTF-8 text; the separator is the one of `,` `;` tab `|` that the first line has most of.
    pub(super) fn new(input: R) -> std::io::Result<Self> {
        let mut input = BufReader::with_capacity(MAX_FIELD, input);
        let head = input.fill_buf()?;
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let separator = separator_of(first);
        Ok(Self { input, separator, line: 1 })
    }

    /// The next record that is not an empty line; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record>, Failure> {
        loop {
            let record = self.read_one()?;
            match record {
                Some(record) if record.fields.iter().all(|field| field.trim().is_empty()) => {}
                other => return Ok(other),
            }
        }
    }

    fn read_one(&mut self) -> Result<Option<Record>, Failure> {
        let mut record = Record { line: self.line, fields: Vec::new() };
        let mut field = Vec::new();
        let mut within = Within::Start;
        let mut began = false;
        loop {
            let block = self.input.fill_buf().map_err(Failure::Io)?;
            if block.is_empty() {
                if let Within::Quoted { opened } = within {
                    return Err(unclosed(opened));
                }
                if began {
                    record.fields.push(text(field));
                    return Ok(Some(record));
                }
                return Ok(None);
            }
            began = true;
            let mut used = 0;
            let mut ended = false;
            for byte in block {
                used += 1;
                if *byte == b'\n' {
                    self.line += 1;
                }
                match step(within, *byte, self.separator, self.line) {
                    Step::Keep(next) => {
                        field.push(*byte);
                        within = next;
                    }
                    Step::Drop(next) => within = next,
                    Step::EndField => {
                        record.fields.push(text(std::mem::take(&mut field)));
                        within = Within::Start;
                    }
                    Step::EndRecord => {
                        ended = true;
                        break;
                    }
                    Step::Stray => return Err(stray(self.line)),
                }
                if field.len() > MAX_FIELD || record.fields.len() > MAX_FIELDS {
                    return Err(too_long(record.line, within));
                }
            }
            self.input.consume(used);
            if ended {
                record.fields.push(text(field));
                return Ok(Some(record));
            }
        }
    }
}

enum Step {
    Keep(Within),
    Drop(Within),
    EndField,
    EndRecord,
    Stray,
}

fn step(within: Within, byte: u8, separator: u8, line: u64) -> Step {
    match (within, byte) {
        (Within::Quoted { opened }, b'"') => Step::Drop(Within::Closed { opened }),
        (Within::Quoted { .. }, _) => Step::Keep(within),
        (Within::Start, b'"') => Step::Drop(Within::Quoted { opened: line }),
        // A doubled quote stands for one.
        (Within::Closed { opened }, b'"') => Step::Keep(Within::Quoted { opened }),
        (_, b'\n') => Step::EndRecord,
        (_, b'\r') => Step::Drop(within),
        (_, byte) if byte == separator => Step::EndField,
        (Within::Closed { .. }, b' ') => Step::Drop(within),
        (Within::Closed { .. }, _) => Step::Stray,
        (Within::Start | Within::Plain, _) => Step::Keep(Within::Plain),
    }
}

fn unclosed(line: u64) -> Failure {
    let message = "the quote that opens on this line is never closed: the file may be cut off; write a quote within \
                   a field twice (\"\")";
    Failure::Problem(Problem::new(line, None, "quote", message))
}

fn stray(line: u64) -> Failure {
    let message = "text follows a closing quote on this line; write a quote within a field twice (\"\")";
    Failure::Problem(Problem::new(line, None, "quote", message))
}

fn too_long(line: u64, within: Within) -> Failure {
    match within {
        Within::Quoted { opened } => unclosed(opened),
        _ => Failure::Problem(Problem::new(
            line,
            None,
            "too-long",
            "this row is too long for a row of a table",
        )),
    }
}

/// The text was decoded as a whole: its pieces, cut at ASCII characters, are whole characters.
fn text(field: Vec<u8>) -> String {
    String::from_utf8(field).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn separator_of(line: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line {
        quoted ^= *byte == b'"';
        if !quoted && let Some(found) = counts.iter_mut().find(|(separator, _)| separator == byte) {
            found.1 += 1;
        }
    }
    // The first of equals, so that a single column is read with commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u64, Vec<String>);

    fn read(text: &str) -> Result<Vec<Row>, (u64, &'static str)> {
        let mut records = Records::new(text.as_bytes()).unwrap();
        let mut all = Vec::new();
        loop {
            match records.next() {
                Ok(Some(record)) => all.push((record.line, record.fields)),
                Ok(None) => return Ok(all),
                Err(Failure::Problem(problem)) => return Err((problem.line, problem.code)),
                Err(Failure::Io(error)) => panic!("{error}"),
            }
        }
    }

    fn row(line: u64, fields: &[&str]) -> Row {
        (line, fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn separators_are_found() {
        for (text, fields) in [
            ("a,b;c", ["a", "b;c"]),
            ("a;b,c;\"d;e\"", ["a", "b,c"]),
            ("a\tb", ["a", "b"]),
            ("a|b", ["a", "b"]),
        ] {
            assert_eq!(read(text).unwrap()[0].1[..2], fields, "{text}");
        }
        assert_eq!(read("one").unwrap(), vec![row(1, &["one"])]);
    }

    #[test]
    fn quotes_newlines_and_empty_lines() {
        let text = "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n,\n19\" rack,\n";
        let rows = vec![row(1, &["a", "b"]), row(2, &["x, \"y\"", "two\nlines"]), row(6, &["19\" rack", ""])];
        assert_eq!(read(text).unwrap(), rows);
    }

    #[test]
    fn lost_quotes_are_found_where_they_opened() {
        assert_eq!(read("a,b\n1,2\n3,\"cut off\n5,6\n"), Err((3, "quote")));
        assert_eq!(read("a,b\n1,\"x\"y\n"), Err((2, "quote")));
        assert_eq!(read(&format!("a,b\n1,\"{}", "x\n".repeat(MAX_FIELD))), Err((2, "quote")));
    }
}
