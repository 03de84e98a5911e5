import { useState } from "preact/hooks";

interface ConfirmButtonProps {
  label: string;
  /** asked when it is pressed, e.g. "Remove it?" */
  question: string;
  disabled: boolean;
  onConfirm: () => void;
}

/** A button for what cannot be taken back: it asks before it acts. */
export function ConfirmButton({ label, question, disabled, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking) {
    return (
      <button type="button" disabled={disabled} onClick={() => setIsAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    <span class="confirm" role="group" aria-label={label}>
      {question}{" "}
      <button
        type="button"
        class="danger"
        disabled={disabled}
        onClick={() => {
          setIsAsking(false);
          onConfirm();
        }}
      >
        Yes
      </button>{" "}
      <button type="button" onClick={() => setIsAsking(false)}>
        No
      </button>
    </span>
  );
}
