#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| sealcast_fuzz::sse_framing(octets));
