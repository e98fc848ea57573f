//! What a request over HTTP/1.1 must look like before a server reads it.
//!
//! Servers are lenient where the standard lets it be: a bare line feed ends a line, nobody asks for a `Host`, and a body may come in
//! chunks whose extensions are anything. Behind an intermediary that reads one of these otherwise, one client's octets become the
//! next one's request. So a head passes only whole and only if it can be read in one way, and a body has one length, said once.

/// Fields of a head.
pub const HEADERS_MAX: usize = 100;
/// Octets of a head.
pub const HEAD_OCTETS_MAX: usize = 16 * 1024;
/// Where a head ends.
const END: &[u8] = b"\r\n\r\n";
const LINE_END: &[u8] = b"\r\n";

/// What the octets at the beginning of a request are.
#[derive(Debug, PartialEq, Eq)]
pub enum Head {
    /// They may become a head.
    Incomplete,
    /// A head of this length, with a body of that length behind it.
    Complete {
        octets: usize,
        body: u64,
    },
    Refused(Refused),
}

/// Why a head is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It can be read in more than one way, or in none.
    Malformed(&'static str),
    /// More than [`HEADERS_MAX`] fields, or longer than [`HEAD_OCTETS_MAX`].
    TooLarge,
    /// Its body has no length.
    LengthMissing,
}

/// Reads a head, if it is complete. So many of the octets were read before, and were not enough.
pub fn read(octets: &[u8], before: usize) -> Head {
    // A client may end the request before with a line that belongs to nothing.
    if octets.starts_with(LINE_END) {
        return Head::Complete { octets: LINE_END.len(), body: 0 };
    }
    if octets == &LINE_END[..1] {
        return Head::Incomplete;
    }
    let from = before.saturating_sub(END.len());
    let end = octets[from..].windows(END.len()).position(|window| window == END).map(|at| from + at + END.len());
    let head = &octets[..end.unwrap_or(octets.len())];
    if let Some(refused) = odd_line_end(head, from) {
        return Head::Refused(refused);
    }
    if head.len() > HEAD_OCTETS_MAX {
        return Head::Refused(Refused::TooLarge);
    }
    if end.is_none() {
        return Head::Incomplete;
    }
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(len)) if len == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Head::Refused(Refused::TooLarge),
        Ok(_) | Err(_) => return Head::Refused(Refused::Malformed("the request line or a field is malformed")),
    }
    match check(&request) {
        Ok(body) => Head::Complete { octets: head.len(), body },
        Err(refused) => Head::Refused(refused),
    }
}

/// A line ends with both octets, and neither stands anywhere else.
fn odd_line_end(head: &[u8], from: usize) -> Option<Refused> {
    let odd = head.iter().enumerate().skip(from).any(|(at, octet)| match octet {
        b'\n' => at == 0 || head[at - 1] != b'\r',
        b'\r' => head.get(at + 1).is_some_and(|next| *next != b'\n'),
        _ => false,
    });
    odd.then_some(Refused::Malformed("a line ends with one octet"))
}

/// The length of the body.
fn check(request: &httparse::Request<'_, '_>) -> Result<u64, Refused> {
    let host = one(request, "host", "there is more than one Host")?;
    match host {
        Some(host) if is_host(host) => {}
        Some(_) => return Err(Refused::Malformed("the Host is malformed")),
        None if request.version == Some(0) => {}
        None => return Err(Refused::Malformed("the Host is missing")),
    }
    check_target(request, host.unwrap_or_default())?;
    let length = one(request, "content-length", "there is more than one Content-Length")?;
    let chunked = one(request, "transfer-encoding", "there is more than one Transfer-Encoding")?;
    match (length, chunked) {
        (Some(_), Some(_)) => Err(Refused::Malformed("Content-Length and Transfer-Encoding contradict each other")),
        (None, Some(_)) => Err(Refused::LengthMissing),
        (None, None) => Ok(0),
        (Some(length), None) => number(length).ok_or(Refused::Malformed("the Content-Length is malformed")),
    }
}

fn one<'a>(request: &'a httparse::Request<'_, '_>, name: &str, twice: &'static str) -> Result<Option<&'a [u8]>, Refused> {
    let mut found = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value);
    let first = found.next();
    if found.next().is_some() { Err(Refused::Malformed(twice)) } else { Ok(first) }
}

/// A name or an address, and perhaps a port.
fn is_host(host: &[u8]) -> bool {
    let allowed = |octet: &u8| octet.is_ascii_alphanumeric() || b".-_:[]".contains(octet);
    !host.is_empty() && host.iter().all(allowed)
}

/// A path, or a whole address of this host.
fn check_target(request: &httparse::Request<'_, '_>, host: &[u8]) -> Result<(), Refused> {
    let target = request.path.unwrap_or_default();
    if target.starts_with('/') || (target == "*" && request.method == Some("OPTIONS")) {
        return Ok(());
    }
    let rest = ["https://", "http://"].iter().find_map(|scheme| target.strip_prefix(scheme));
    let authority = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    if authority.is_some_and(|authority| authority.as_bytes() == host) {
        Ok(())
    } else {
        Err(Refused::Malformed("the target is neither a path nor of this host"))
    }
}

/// Digits alone: no sign, no list, no space.
fn number(text: &[u8]) -> Option<u64> {
    text.iter().all(u8::is_ascii_digit).then_some(())?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Refused> {
        match read(text.as_bytes(), 0) {
            Head::Refused(refused) => Some(refused),
            Head::Incomplete | Head::Complete { .. } => None,
        }
    }

    #[test]
    fn plain_requests_pass_whole() {
        for (head, body) in [
            ("GET / HTTP/1.1\r\nHost: edge.test:8443\r\n\r\n", 0),
            ("GET / HTTP/1.1\r\nhost: [::1]:1\r\nX: \u{e9}\r\n\r\n", 0),
            ("POST /a HTTP/1.1\r\nContent-Length: 12\r\nHost: a\r\n\r\n", 12),
            ("GET https://a/b HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            ("GET / HTTP/1.0\r\n\r\n", 0),
        ] {
            for len in 1..head.len() {
                assert_eq!(read(&head.as_bytes()[..len], 0), Head::Incomplete, "{:?}", &head.as_bytes()[..len]);
            }
            let more = format!("{head}GET /next\n");
            for before in 0..head.len() {
                assert_eq!(read(more.as_bytes(), before), Head::Complete { octets: head.len(), body }, "{head}");
            }
        }
        assert_eq!(read(b"\r\nGET", 0), Head::Complete { octets: 2, body: 0 });
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for odd in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET https://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET https://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n",
            "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
        ] {
            assert!(matches!(refused(odd), Some(Refused::Malformed(_))), "{odd:?}: {:?}", read(odd.as_bytes(), 0));
        }
    }

    #[test]
    fn a_body_without_a_length_is_refused() {
        for coding in ["chunked", "xchunked", "chunked, gzip"] {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n");
            assert_eq!(refused(&head), Some(Refused::LengthMissing));
        }
    }

    #[test]
    fn a_head_has_a_size() {
        let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(HEAD_OCTETS_MAX));
        assert_eq!(refused(&long), Some(Refused::TooLarge));
        let many: String = (0..=HEADERS_MAX).map(|index| format!("x-{index}: 1\r\n")).collect();
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), Some(Refused::TooLarge));
    }
}
