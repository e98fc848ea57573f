use sealcast_http::head::{self, HEAD_OCTETS_MAX, Head};

/// A head is read in one way, however its octets come; and what passes has nothing odd in it.
///
/// # Panics
/// When that does not hold.
pub fn http_head(octets: &[u8]) {
    let whole = head::read(octets, 0);
    let mut verdict = Head::Incomplete;
    let mut looked = 0;
    // As a connection does: what was not enough is looked at again when there is more.
    for len in (0..=octets.len()).filter(|len| len % 3 == 0 || *len == octets.len()) {
        verdict = head::read(&octets[..len], looked);
        if verdict != Head::Incomplete {
            break;
        }
        looked = len;
    }
    assert_eq!(verdict, whole, "it depends on how the octets come");
    if let Head::Complete { octets: len, .. } = whole {
        assert!(len <= octets.len() && len <= HEAD_OCTETS_MAX, "a head of {len} octets");
        let head = std::str::from_utf8(&octets[..len]).unwrap_or_default();
        let lines = || head.split("\r\n");
        assert!(lines().all(|line| !line.contains(['\r', '\n'])), "a line within a line");
        let count = |name: &str| lines().filter(|line| line.to_ascii_lowercase().starts_with(name)).count();
        assert!(count("host:") <= 1 && count("content-length:") <= 1 && count("transfer-encoding:") == 0, "{head}");
    }
}
