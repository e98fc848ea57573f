use sealcast_client::sse::{Frame, Parser};

/// The same octets give the same events, in whatever pieces they come.
///
/// # Panics
/// When that does not hold.
pub fn sse_framing(octets: &[u8]) {
    let whole = events(octets, octets.len().max(1));
    for piece in [1, 2, 7] {
        assert_eq!(events(octets, piece), whole, "in pieces of {piece}");
    }
}

/// The events until something is refused, and whether it was.
fn events(octets: &[u8], piece: usize) -> (Option<Vec<Frame>>, bool) {
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for piece in octets.chunks(piece) {
        match parser.feed(piece) {
            Ok(more) => frames.extend(more),
            // What came before in the refused piece is lost, and that depends on the piece.
            Err(_) => return (None, true),
        }
    }
    (Some(frames), false)
}
