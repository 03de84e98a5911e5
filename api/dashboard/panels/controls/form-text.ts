/** The text of a field, as it was typed; undefined: the form has no such field. */
export function formText(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === "string" ? value : undefined;
}
