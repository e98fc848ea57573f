import { type ComponentProps, type ReactNode, useId } from "react";

type Props = ComponentProps<"input"> & {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** In one line with the input, whatever stands below it. */
  beside?: ReactNode;
};

/** A labelled input; its hint and its error are read out with it. */
export function Field({ label, hint, error, beside, className = "", ...input }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={`h-11 w-full min-w-0 grow rounded-xl border bg-surface px-3.5 placeholder:text-muted ${error ? "border-danger" : "border-edge"} ${className}`}
        />
        {beside}
      </div>
      {hint && (
        <div id={`${id}-hint`} className="mt-1.5 text-sm text-muted">
          {hint}
        </div>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1.5 text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
