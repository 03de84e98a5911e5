import { useState } from "preact/hooks";

interface DropZoneProps {
  file: File | undefined;
  onFile: (file: File) => void;
  /** while there is no file */
  invitation: string;
  /** names and media types of files that may be chosen */
  accept: string;
}

/** Takes a file that is dropped on it, or chosen. */
export function DropZone({ file, onFile, invitation, accept }: DropZoneProps) {
  const [isOver, setIsOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const [first] = files ?? [];
    if (first) onFile(first);
  };
  return (
    <label
      class={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {file === undefined ? invitation : `${file.name} (${sizeText(file.size)})`}
      <input class="hidden" type="file" accept={accept} onChange={(event) => take(event.currentTarget.files)} />
    </label>
  );
}

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
