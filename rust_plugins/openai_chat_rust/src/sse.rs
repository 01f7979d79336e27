// SPDX-License-Identifier: Apache-2.0
//! Server-sent events, as section 9.2 of the HTML standard describes them; of their fields only `data` matters here.

/// What one event may hold. A piece of an answer has a few hundred bytes; who sends more has something else in mind.
const LARGEST: usize = 1 << 20;

/// The endpoint sent an event larger than any piece of an answer.
#[derive(Debug, PartialEq)]
pub struct TooLarge;

/// Turns the bytes of a `text/event-stream` into the data of its events, wherever the network cuts them.
///
/// Lines are cut out as bytes and decoded whole, so a character that arrives in two pieces is put together again.
#[derive(Default)]
pub struct Events {
    line: Vec<u8>,
    data: Option<String>,
    after_cr: bool,
    begun: bool,
}

impl Events {
    /// The data of the events that `piece` completes.
    pub fn feed(&mut self, mut piece: &[u8]) -> Result<Vec<String>, TooLarge> {
        let mut complete = Vec::new();
        // A CR ends a line at once; an LF that follows it, perhaps in the next piece, belongs to it.
        if self.after_cr && !piece.is_empty() {
            piece = piece.strip_prefix(b"\n").unwrap_or(piece);
            self.after_cr = false;
        }
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            self.extend(&piece[..end])?;
            complete.extend(self.take_line());
            let is_cr = piece[end] == b'\r';
            piece = &piece[end + 1..];
            if is_cr {
                self.after_cr = piece.is_empty();
                piece = piece.strip_prefix(b"\n").unwrap_or(piece);
            }
        }
        self.extend(piece)?;
        Ok(complete)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        if self.line.len() + self.data.as_ref().map_or(0, String::len) + bytes.len() > LARGEST {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes the line that is complete; the event's data where it was the empty one that ends an event.
    fn take_line(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.line);
        // Damaged bytes become U+FFFD.
        let text = String::from_utf8_lossy(&bytes);
        let line = if std::mem::replace(&mut self.begun, true) {
            &*text
        } else {
            text.strip_prefix('\u{feff}').unwrap_or(&text)
        };
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_string()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of bytes that arrive in pieces of `size`.
    fn parse(bytes: &[u8], size: usize) -> Vec<String> {
        let mut events = Events::default();
        bytes.chunks(size).flat_map(|piece| events.feed(piece).expect("they are small")).collect()
    }

    #[test]
    fn an_event_is_the_same_wherever_it_is_cut() {
        let bytes = "\u{feff}data: Grüß\r\ndata:Gott 😀\r\n\r\ndata: {\"a\": 1}\r\rdata: [DONE]\n\n".as_bytes();
        for size in 1..=bytes.len() {
            assert_eq!(vec!["Grüß\nGott 😀", "{\"a\": 1}", "[DONE]"], parse(bytes, size));
        }
    }

    #[test]
    fn comments_and_other_fields_are_passed_over() {
        assert_eq!(vec!["x"], parse(b": still there\n\nevent: delta\nid: 1\nretry: 5\ndata: x\n\n", 64));
    }

    #[test]
    fn an_event_may_have_no_text() {
        assert_eq!(vec!["", ""], parse(b"data\n\ndata:\n\n", 64));
    }

    #[test]
    fn an_event_that_is_cut_off_is_dropped() {
        assert_eq!(Vec::<String>::new(), parse(b"data: half\n", 64));
    }

    #[test]
    fn damaged_bytes_are_shown_as_such() {
        assert_eq!(vec!["a\u{fffd}b"], parse(b"data: a\xffb\n\n", 64));
    }

    #[test]
    fn an_event_without_an_end_is_refused() {
        let mut events = Events::default();
        let kilobyte = [b'x'; 1024];
        assert!((0..=1024).any(|_| events.feed(&kilobyte) == Err(TooLarge)));
    }

    #[test]
    fn lines_without_an_end_are_refused() {
        let mut events = Events::default();
        let line = [b"data: ".as_slice(), &[b'x'; 1024], b"\n"].concat();
        assert!((0..=1024).any(|_| events.feed(&line) == Err(TooLarge)));
    }
}
