import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { BadgeCheck, MessageSquare, QrCode as QrIcon } from "lucide-react";
import { useState } from "react";
import type { Member, Room } from "../../api/types";
import type { PersonKey } from "../../core/model";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { fingerprintOf, fullTimeOf } from "../../shared/format";
import { whyOf } from "../../shared/failures";
import { plural, t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { QrCode } from "../../ui/qr-code";
import { compareAddress } from "./compare-code";
import { personQuery } from "./queries";

interface Props {
  room: Room;
  member: Member;
  onClose: () => void;
}

/** One member: whether the key is really theirs, and what can be done for them or about them. */
export function PersonDialog({ room, member, onClose }: Props) {
  const me = useCore((store) => (store.core?.auth.phase === "ready" ? store.core.auth.account.userId : undefined));
  const { data: person, error } = useQuery(personQuery(member.user_id));
  const mine = member.user_id === me;
  return (
    <Dialog open onClose={onClose} title={member.username} description={roleOf(member)}>
      <div className="grid gap-5">
        {error && <Notice tone="danger">{whyOf(error, t("That did not work."))}</Notice>}
        {!person && !error && <Spinner />}
        {person && <KeyOf person={person} userId={member.user_id} me={me ?? ""} />}
        {!mine && room.peer?.user_id !== member.user_id && <WriteTo member={member} />}
        {!mine && room.granted && <ShareHistory room={room} member={member} />}
        {!mine && room.role === "admin" && room.kind !== "lobby" && !room.peer && (
          <Remove room={room} member={member} onDone={onClose} />
        )}
      </div>
    </Dialog>
  );
}

const roleOf = ({ role, joined_at }: Member): string =>
  role === "admin"
    ? t("Room admin since {time}", { time: fullTimeOf(Date.parse(joined_at)) })
    : t("Member since {time}", { time: fullTimeOf(Date.parse(joined_at)) });

function KeyOf({ person, userId, me }: { person: PersonKey; userId: string; me: string }) {
  const [code, setCode] = useState(false);
  const mine = userId === me;
  const queries = useQueryClient();
  const verified = person.verifiedAt !== undefined;
  const set = async (value: boolean) => {
    // A key that changed meanwhile is drawn anew, to be compared again.
    await core.setVerified(userId, value ? person.fingerprint : undefined).catch(() => undefined);
    await queries.invalidateQueries({ queryKey: personQuery(userId).queryKey });
  };
  return (
    <section aria-label={t("Key")} className="grid gap-3">
      <div>
        <h3 className="text-sm font-medium">{t("Fingerprint")}</h3>
        <p className="mt-1 font-mono text-xs leading-relaxed break-words text-muted">
          {fingerprintOf(person.fingerprint)}
        </p>
      </div>
      {person.changedAt !== undefined && (
        <Notice tone="warn">
          {t("It took the place of another key on {time}. Compare it before you rely on it.", {
            time: fullTimeOf(person.changedAt),
          })}
          {person.before && <Before fingerprint={person.before} />}
        </Notice>
      )}
      {!mine && (
        <>
          <div>
            <h3 className="text-sm font-medium">{t("Words to compare")}</h3>
            <p className="mt-0.5 text-sm text-muted">
              {t("Call or meet {name}: both of you see the same eight words here, or somebody is in between.", {
                name: person.username,
              })}
            </p>
            <ol
              aria-label={t("Words to compare")}
              className="mt-2 grid grid-cols-4 gap-2 rounded-xl bg-sunken p-3 text-center font-mono"
            >
              {person.words.map((word, at) => (
                <li key={at}>{word}</li>
              ))}
            </ol>
            <Button size="sm" className="mt-2" aria-expanded={code} onClick={() => setCode(!code)}>
              <QrIcon className="size-4" aria-hidden="true" /> {code ? t("Hide the QR code") : t("Show as QR code")}
            </Button>
            {code && (
              <figure className="mt-3">
                <QrCode
                  text={compareAddress({ userId: me, words: person.words })}
                  label={t("A code for {name} to scan", { name: person.username })}
                />
                <figcaption className="mt-2 text-sm text-muted">
                  {t(
                    "{name} scans it with the camera of a device where they use Sealcast: it says whether the keys fit.",
                    {
                      name: person.username,
                    },
                  )}
                </figcaption>
              </figure>
            )}
          </div>
          {verified ? (
            <p className="flex items-center gap-2 text-sm">
              <BadgeCheck className="size-5 shrink-0 text-accent" aria-hidden="true" />
              <span className="grow">
                {t("You compared them on {time}.", { time: fullTimeOf(person.verifiedAt ?? 0) })}
              </span>
              <Button size="sm" onClick={() => void set(false)}>
                {t("Take back")}
              </Button>
            </p>
          ) : (
            <Button onClick={() => void set(true)}>{t("The words are the same")}</Button>
          )}
        </>
      )}
    </section>
  );
}

function Before({ fingerprint }: { fingerprint: string }) {
  return (
    <span className="mt-1 block font-mono text-xs leading-relaxed break-words">
      {t("Before: {fingerprint}", { fingerprint: fingerprintOf(fingerprint) })}
    </span>
  );
}

function WriteTo({ member }: { member: Member }) {
  const navigate = useNavigate();
  return (
    <Button onClick={() => void navigate({ to: "/direct/$userId", params: { userId: member.user_id } })}>
      <MessageSquare className="size-4" aria-hidden="true" /> {t("Write to {name}", { name: member.username })}
    </Button>
  );
}

function ShareHistory({ room, member }: { room: Room; member: Member }) {
  const [outcome, setOutcome] = useState<{ ok: boolean; text: string }>();
  const [busy, setBusy] = useState(false);
  const share = async () => {
    setBusy(true);
    try {
      const { epochs } = await core.shareHistory(room.room_id, member.user_id);
      setOutcome({ ok: true, text: plural(epochs, "Done: one key handed over.", "Done: {count} keys handed over.") });
    } catch (error) {
      setOutcome({ ok: false, text: whyOf(error, t("That did not work.")) });
    }
    setBusy(false);
  };
  return (
    <section aria-label={t("History")} className="grid gap-2">
      <h3 className="text-sm font-medium">{t("Older messages")}</h3>
      <p className="text-sm text-muted">
        {t("Hands {name} every key of this room that you hold. They can then read whatever you can.", {
          name: member.username,
        })}
      </p>
      {outcome && <Notice tone={outcome.ok ? "info" : "danger"}>{outcome.text}</Notice>}
      <Button busy={busy} onClick={() => void share()}>
        {t("Share the history")}
      </Button>
    </section>
  );
}

function Remove({ room, member, onDone }: { room: Room; member: Member; onDone: () => void }) {
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const remove = async () => {
    setBusy(true);
    try {
      await core.removeMember(room.room_id, member.user_id);
      onDone();
    } catch (error) {
      const why = whyOf(error, t("That did not work."));
      const then = t("If {name} is gone from the list, change the key under “About this room”.", {
        name: member.username,
      });
      setProblem(`${why} ${then}`);
      setBusy(false);
    }
    await queries.invalidateQueries({ queryKey: ["room", room.room_id] });
  };
  return (
    <section aria-label={t("Remove")} className="grid gap-2 border-t border-line pt-4">
      <p className="text-sm text-muted">
        {t(
          "Removing changes the room’s key at once: {name} keeps what they could read, and reads nothing that follows.",
          {
            name: member.username,
          },
        )}
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Button variant="danger" busy={busy} onClick={() => (sure ? void remove() : setSure(true))}>
        {sure ? t("Yes, remove {name}", { name: member.username }) : t("Remove from the room")}
      </Button>
    </section>
  );
}
