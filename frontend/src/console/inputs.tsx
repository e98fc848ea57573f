import { type ReactNode, useId } from "react";
import { useRooms } from "./names";
import { t } from "../shared/i18n";

const BOX = "h-10 rounded-xl border border-edge bg-canvas px-3 text-ellipsis";

interface Common {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function Labelled({
  label,
  id,
  grow,
  children,
}: {
  label: string;
  id: string;
  grow?: boolean;
  children: ReactNode;
}) {
  return (
    <label className={`flex min-w-0 flex-col gap-1 text-sm ${grow ? "min-w-48 grow" : ""}`} htmlFor={id}>
      {label}
      {children}
    </label>
  );
}

export function TextInput({ label, value, onChange, type = "text" }: Common & { type?: string }) {
  const id = useId();
  return (
    <Labelled label={label} id={id} grow>
      <input
        id={id}
        type={type}
        className={BOX}
        value={value}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </Labelled>
  );
}

/** A time of the log: UTC, as all that the console shows. */
export function TimeInput({ label, value, onChange }: Common) {
  const id = useId();
  return (
    <Labelled label={label} id={id}>
      <input
        id={id}
        type="datetime-local"
        className={BOX}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Labelled>
  );
}

export function Select({
  label,
  value,
  onChange,
  options,
}: Common & { options: readonly (readonly [string, string])[] }) {
  const id = useId();
  return (
    <Labelled label={label} id={id}>
      <select id={id} className={`${BOX} max-w-full`} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A room: one of those that the case names, or of one's own by name; any other by its id. */
export function RoomInput({ label, value, onChange, among }: Common & { among: readonly string[] }) {
  const id = useId();
  const rooms = useRooms();
  const known = (rooms.data ?? []).filter(({ room_id }) => among.length === 0 || among.includes(room_id));
  const others = among.filter((room) => !known.some(({ room_id }) => room_id === room));
  return (
    <Labelled label={label} id={id} grow>
      <input
        id={id}
        list={`${id}-list`}
        className={`${BOX} font-mono`}
        value={value}
        placeholder={t("from the list, or its id")}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <datalist id={`${id}-list`}>
        {known.map(({ room_id, name }) => (
          <option key={room_id} value={room_id}>
            {name}
          </option>
        ))}
        {others.map((room) => (
          <option key={room} value={room}>
            {t("of the case")}
          </option>
        ))}
      </datalist>
    </Labelled>
  );
}
