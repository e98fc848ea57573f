import { useQuery } from "@tanstack/react-query";
import { officers } from "../api/officers";
import type { Hold } from "../api/types";
import { Done, RoomName, useRooms } from "./names";
import { sentenceOf } from "./words";
import { Scroll } from "./scroll";
import { plural, t } from "../shared/i18n";

/** How long messages stay readable: an administrator's rules, for officers to see. */
export function Retention({ holds }: { holds: Hold[] }) {
  const rules = useQuery({ queryKey: ["retention"], staleTime: 0, queryFn: officers.retention });
  const rooms = useRooms();
  if (rules.error) return <p role="alert">{sentenceOf(rules.error)}</p>;
  if (!rules.data) return <p role="status">{t("Loading …")}</p>;
  const organisation = rules.data.find(({ room_id }) => !room_id);
  const ofRooms = rules.data.filter(({ room_id, days }) => room_id && days);
  return (
    <section aria-label={t("Retention")} className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold">{t("Retention")}</h2>
      <p className="text-sm text-muted">
        {t(
          "When its time is over, a room’s whole day is destroyed for good, by deleting the key that it is sealed with. The log keeps its entries: who wrote when, not what. An administrator sets the rules (sealcast retention set); holds beat them.",
        )}
      </p>
      <Scroll label={t("Rules of retention")}>
        <table className="w-full border-collapse text-left text-sm">
          <caption className="sr-only">{t("Rules of retention")}</caption>
          <thead className="bg-sunken">
            <tr>
              {[t("Where"), t("Messages stay"), t("Set")].map((title) => (
                <th key={title} scope="col" className="p-2 font-medium">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className="border-t border-line">
              <th scope="row" className="p-2 font-normal">
                {t("The organisation, and every room without a rule")}
              </th>
              <td className="p-2">{daysText(organisation?.days)}</td>
              <td className="p-2">{organisation ? <SetBy rule={organisation} /> : t("never")}</td>
            </tr>
            {ofRooms.map((rule) => (
              <tr key={rule.room_id} className="border-t border-line">
                <th scope="row" className="p-2 font-normal">
                  <RoomName id={rule.room_id ?? ""} />
                  {isHeld(rule.room_id ?? "", holds) && <span className="ml-2 text-warn">{t("under a hold")}</span>}
                </th>
                <td className="p-2">{daysText(rule.days)}</td>
                <td className="p-2">
                  <SetBy rule={rule} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {rooms.data && ofRooms.length === 0 && (
        <p className="text-sm text-muted">{t("No room has a rule of its own.")}</p>
      )}
    </section>
  );
}

const daysText = (days: number | null | undefined): string =>
  days
    ? plural(days, "{count} day after the day they were written", "{count} days after the day they were written")
    : t("for ever");

/** Part of it may be: a hold can name people or times as well. */
const isHeld = (room: string, holds: Hold[]): boolean =>
  holds.some(({ scope: { rooms = [] } }) => rooms.length === 0 || rooms.includes(room));

function SetBy({ rule }: { rule: { set_at: string; set_by: string; leaf_index: number } }) {
  return <Done at={rule.set_at} by={rule.set_by} leaf={rule.leaf_index} />;
}
