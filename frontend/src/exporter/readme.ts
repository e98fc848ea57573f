/** Said to whoever opens the archive by hand; the same as `sealcast audit export` writes. */
export const README = `This is an export of a Sealcast audit log. It proves itself, offline:

  sealcast audit verify FILE --log-key KEY

or open verify.html of the same release in a browser and drop FILE on it. KEY is the log's
verifier key; take it from somewhere else than this file.

manifest.json        what was exported, by whom, and the SHA-256 of every part; signed in manifest.sig
checkpoint.txt       the log's signed state (C2SP checkpoint) with its cosignatures
range.json           what ties the leaves below to that state
leaves.ndjson        every leaf of the log in the range, without a gap
messages.ndjson      the room's messages: envelopes and signatures
events.ndjson        who was in the room, and under which keys
certificates.ndjson  the certificates that the signatures verify with
view.ndjson, eml/    the texts, if they were opened; each line gives the message's session key,
                     so that the text can be checked against what its sender signed
`;
