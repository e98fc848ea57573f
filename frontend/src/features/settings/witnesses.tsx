import { useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";

const witnessesQuery = { queryKey: ["witnesses"], queryFn: () => core.witnesses() };

/** Who else must vouch for the audit log before this device believes it. */
export function Witnesses() {
  const queries = useQueryClient();
  const { data: required = [] } = useQuery(witnessesQuery);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string>();

  const require = async (vkeys: string[]): Promise<boolean> => {
    setProblem(undefined);
    try {
      await core.setWitnesses(vkeys);
      return true;
    } catch (error) {
      setProblem(whyOf(error, t("That did not work.")));
      return false;
    } finally {
      await queries.invalidateQueries(witnessesQuery);
      // What was proven under other terms is proven again.
      queries.removeQueries({ queryKey: ["proof"] });
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (await require([...required, typed])) setTyped("");
  };

  return (
    <div className="grid grid-cols-1 gap-3">
      <p>
        {t(
          "Whoever runs one keeps the log from showing different people different pasts. Ask them for their key: this device then believes no checkpoint without their signature.",
        )}
      </p>
      {required.length > 0 && (
        <ul className="grid grid-cols-1 gap-2">
          {required.map((vkey) => (
            <Required key={vkey} vkey={vkey} onEnd={() => void require(required.filter((one) => one !== vkey))} />
          ))}
        </ul>
      )}
      <form className="text-ink" onSubmit={(event) => void add(event)}>
        <Field
          label={t("Require a witness: its key")}
          required
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-sm"
          value={typed}
          error={problem}
          onChange={(event) => setTyped(event.target.value)}
          beside={
            <Button type="submit" className="h-11">
              {t("Require")}
            </Button>
          }
        />
      </form>
    </div>
  );
}

function Required({ vkey, onEnd }: { vkey: string; onEnd: () => void }) {
  const [name = "", ...rest] = vkey.split("+");
  return (
    <li className="flex items-center gap-2 rounded-xl border border-line px-3 py-2">
      <span className="min-w-0 grow">
        <span className="block truncate font-medium text-ink">{name}</span>
        <span className="block font-mono text-xs break-all">{rest.join("+")}</span>
      </span>
      <Button variant="quiet" size="icon" aria-label={t("No longer require {name}", { name })} onClick={onEnd}>
        <X className="size-4" aria-hidden="true" />
      </Button>
    </li>
  );
}
