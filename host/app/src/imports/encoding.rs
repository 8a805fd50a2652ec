//! In which encoding a file is written, and a reader that gives it as UTF-8.

use super::problem::Problem;
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{Read, Result, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const BLOCK: usize = 64 * 1024;

/// What a first look at a file tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub encoding: &'static Encoding,
    /// Length of the byte-order mark.
    pub mark: u64,
    /// Length of the file in bytes.
    pub size: u64,
}

/// Reads the file through once and settles its encoding: by byte-order mark, else UTF-8 where every byte fits, else
/// GB18030 where every byte fits and the text looks Chinese.
pub(super) fn look<F: Read + Seek>(
    file: &mut F,
    told: Option<&'static Encoding>,
) -> Result<std::result::Result<Look, Problem>> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut head = [0_u8; 3];
    let got = fill(file, &mut head)?;
    let (marked, mark) = match &head[..got] {
        [0xef, 0xbb, 0xbf] => (Some(UTF_8), 3),
        [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
        _ => (None, 0),
    };
    if let Some(encoding) = told.or(marked) {
        let checked = check(file, encoding, mark)?;
        return Ok(match checked.bad_line {
            None => Ok(Look { encoding, mark, size }),
            Some(line) => Err(unreadable(line, encoding.name())),
        });
    }
    let utf8 = check(file, UTF_8, 0)?;
    let Some(bad_line) = utf8.bad_line else { return Ok(Ok(Look { encoding: UTF_8, mark, size })) };
    let chinese = check(file, GB18030, 0)?;
    // A Latin text may fit by chance: each accented letter swallows the ASCII letter after it. In Chinese text the
    // second byte of nearly every pair is above ASCII too.
    let plausible = chinese.bad_line.is_none() && chinese.low_pairs * 3 < chinese.pairs;
    Ok(if plausible {
        Ok(Look { encoding: GB18030, mark, size })
    } else {
        Err(unreadable(bad_line, "UTF-8 nor GB18030"))
    })
}

fn unreadable(line: u64, tried: &str) -> Problem {
    let what = if tried.contains(" nor ") { format!("neither {tried}") } else { format!("not {tried}") };
    let message = format!(
        "the bytes of this line are {what}; save the file as UTF-8 (in Excel: \"CSV UTF-8\") or name its encoding"
    );
    Problem::new(line, None, "encoding", message)
}

struct Checked {
    /// The first line that does not fit.
    bad_line: Option<u64>,
    /// Pairs of bytes that stand for one character, and those whose second byte is ASCII.
    pairs: u64,
    low_pairs: u64,
}

fn check<F: Read + Seek>(file: &mut F, encoding: &'static Encoding, mark: u64) -> Result<Checked> {
    file.seek(SeekFrom::Start(mark))?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut input, mut output) = (vec![0_u8; BLOCK], vec![0_u8; BLOCK * 4]);
    let mut checked = Checked { bad_line: None, pairs: 0, low_pairs: 0 };
    let (mut line, mut lead) = (1_u64, false);
    loop {
        let got = fill(file, &mut input)?;
        let last = got < input.len();
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(&input[..got], &mut output, last);
        line += newlines(&output[..written]);
        if let DecoderResult::Malformed(..) = result {
            checked.bad_line = Some(line);
            return Ok(checked);
        }
        for byte in &input[..got] {
            if lead {
                checked.pairs += 1;
                checked.low_pairs += u64::from(*byte < 0x80);
            }
            lead = !lead && *byte >= 0x80;
        }
        if last {
            return Ok(checked);
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Fills the block unless the file ends.
fn fill<F: Read>(file: &mut F, block: &mut [u8]) -> Result<usize> {
    let mut got = 0;
    while got < block.len() {
        match file.read(&mut block[got..])? {
            0 => break,
            more => got += more,
        }
    }
    Ok(got)
}

/// Gives a file as UTF-8, and counts its bytes as they are read. [`look`] has seen that every byte fits.
pub(super) struct Decoded<'f, F> {
    file: &'f mut F,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    ended: bool,
    output: Vec<u8>,
    at: usize,
    read: Arc<AtomicU64>,
}

impl<'f, F: Read + Seek> Decoded<'f, F> {
    pub(super) fn new(file: &'f mut F, look: &Look, read: Arc<AtomicU64>) -> Result<Self> {
        file.seek(SeekFrom::Start(look.mark))?;
        read.store(0, Ordering::Relaxed);
        let decoder = look.encoding.new_decoder_without_bom_handling();
        Ok(Self { file, decoder, input: vec![0; BLOCK], ended: false, output: Vec::new(), at: 0, read })
    }

    fn refill(&mut self) -> Result<()> {
        let got = fill(self.file, &mut self.input)?;
        self.ended = got < self.input.len();
        self.read.fetch_add(u64::try_from(got).unwrap_or(0), Ordering::Relaxed);
        self.output.resize(BLOCK * 4, 0);
        let (_, _, written, _) =
            self.decoder.decode_to_utf8(&self.input[..got], &mut self.output, self.ended);
        self.output.truncate(written);
        self.at = 0;
        Ok(())
    }
}

impl<F: Read + Seek> Read for Decoded<'_, F> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        while self.at == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = into.len().min(self.output.len() - self.at);
        into[..count].copy_from_slice(&self.output[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> std::result::Result<String, (u64, &'static str)> {
        let mut file = Cursor::new(bytes);
        let look = look(&mut file, None).unwrap().map_err(|problem| (problem.line, problem.code))?;
        let mut text = String::new();
        Decoded::new(&mut file, &look, Arc::default()).unwrap().read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn chinese_files_of_both_encodings_read_the_same() {
        let text = "编码,名称\nS-1,千兆交换机\nS-2,光模块";
        let (gb, _, _) = GB18030.encode(text);
        assert_eq!(read(text.as_bytes()).unwrap(), text);
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        assert_eq!(read(&gb).unwrap(), text);
    }

    #[test]
    fn latin_text_is_not_taken_for_chinese() {
        assert_eq!(read(b"sku,name\nS-1,plain\nS-2,Montr\xe9al caf\xe9s"), Err((3, "encoding")));
        assert_eq!(read(b"sku,name\nS-1,\xff\xff"), Err((2, "encoding")));
    }

    #[test]
    fn utf_16_with_its_mark_is_read() {
        let bytes: Vec<u8> = "\u{feff}a,b\n1,二".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes).unwrap(), "a,b\n1,二");
    }

    #[test]
    fn characters_across_blocks_stay_whole() {
        let text = "渠道".repeat(BLOCK / 3);
        assert_eq!(read(text.as_bytes()).unwrap(), text);
    }
}
