import { useState } from "react";
import { api } from "../api/client";
import type { Scope } from "../api/types";
import { RoomInput, TextInput, TimeInput } from "./inputs";
import { fromInput } from "./words";
import { t } from "../shared/i18n";

/** What was typed of a scope. */
export interface ScopeTexts {
  room: string;
  people: string;
  from: string;
  to: string;
}

export const NO_SCOPE: ScopeTexts = { room: "", people: "", from: "", to: "" };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAMED_MAX = 20;

export function ScopeFields({ texts, onChange }: { texts: ScopeTexts; onChange: (texts: ScopeTexts) => void }) {
  return (
    <>
      <RoomInput
        label={t("Room (empty: every room)")}
        value={texts.room}
        onChange={(room) => onChange({ ...texts, room })}
        among={[]}
      />
      <TextInput
        label={t("People, by user name (empty: everybody)")}
        value={texts.people}
        onChange={(people) => onChange({ ...texts, people })}
      />
      <TimeInput label={t("From (UTC)")} value={texts.from} onChange={(from) => onChange({ ...texts, from })} />
      <TimeInput label={t("Until (UTC)")} value={texts.to} onChange={(to) => onChange({ ...texts, to })} />
    </>
  );
}

/** Reads it; throws a sentence for people. */
export async function scopeOf({ room, people, from, to }: ScopeTexts): Promise<Scope> {
  if (room && !UUID.test(room)) throw new Error(t("A room is given by its id, or chosen from the list."));
  const names = people.split(/[\s,]+/).filter(Boolean);
  const [after, before] = [fromInput(from), fromInput(to)];
  return {
    ...(room ? { rooms: [room] } : {}),
    ...(names.length > 0 ? { people: await Promise.all(names.map(personOf)) } : {}),
    ...(after ? { from: after } : {}),
    ...(before ? { to: before } : {}),
  };
}

/** The account that has this name, or this id. */
export async function personOf(name: string): Promise<string> {
  if (UUID.test(name)) return name;
  const wanted = name.normalize("NFKC").toLowerCase();
  const found = (await api.usersNamed(wanted, NAMED_MAX)).items.find(({ username }) => username === wanted);
  if (!found) throw new Error(t("Nobody has the user name {name}.", { name }));
  return found.user_id;
}

export const useScopeTexts = () => useState(NO_SCOPE);
