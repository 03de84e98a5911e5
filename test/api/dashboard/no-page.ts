/** Not for people by mouse, and why. */
export interface NoPage {
  why: string;
}

export const machines = (why: string): NoPage => ({ why });
export const listed = machines("its list shows all of it");
export const link = machines("a link of the page itself, or of its documents");
