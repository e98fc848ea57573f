import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import type { StoredMessage } from "../api/types";
import { Button } from "../ui/button";
import { type Step, prove } from "./proof";

/** Green only when every step was computed here and holds. */
export function ProofBadge({ message, caseId }: { message: StoredMessage; caseId: string | undefined }) {
  const [steps, setSteps] = useState<Step[]>();
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    try {
      setSteps(await prove(message, caseId));
    } catch (error) {
      setSteps([{ name: "Proof", holds: false, detail: error instanceof Error ? error.message : String(error) }]);
    }
    setBusy(false);
  };
  if (!steps) {
    return (
      <Button size="sm" busy={busy} onClick={() => void check()} aria-label={`Verify message ${message.id}`}>
        Verify
      </Button>
    );
  }
  return <Steps steps={steps} />;
}

/** A verdict and how it came about. */
export function Steps({ steps }: { steps: Step[] }) {
  const holds = steps.length > 0 && steps.every((step) => step.holds);
  return (
    <details className="min-w-44">
      <summary className={`cursor-pointer font-medium ${holds ? "text-accent" : "text-danger"}`}>
        {holds ? "Verified here" : "Not verified"}
      </summary>
      <ol className="mt-1 flex flex-col gap-1">
        {steps.map(({ name, holds: one, detail }) => (
          <li key={name} className="flex gap-1.5">
            {one ? (
              <CircleCheck aria-label="holds" className="mt-0.5 size-4 shrink-0 text-accent" />
            ) : (
              <CircleX aria-label="fails" className="mt-0.5 size-4 shrink-0 text-danger" />
            )}
            <span>
              <span className="font-medium">{name}:</span> {detail}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
