// Why a page is not shown, in words. Pure.

const REASONS = {
  password_protected: "This document is protected by a password.",
  unreadable: "This file cannot be read. It may be damaged.",
  too_complex: "This page is too complex to be shown.",
  unsupported_type: "Files of this kind cannot be shown.",
  no_such_page: "There is no such page.",
  too_large: "This document is too large to be shown.",
};

/** `{text, isFinal}` for what went wrong: `{reason, status, isOffline}`. What is final does not get better by trying again. */
export const failure = ({ reason, status, isOffline }) => {
  if (Object.hasOwn(REASONS, reason)) return { text: REASONS[reason], isFinal: reason !== "too_complex" };
  if (isOffline) return { text: "You are offline. The page could not be loaded.", isFinal: false };
  if (status === 401 || status === 403) return { text: "You are signed out. Sign in again to see this page.", isFinal: true };
  if (status === 404 || status === 410) return { text: "This document is no longer here.", isFinal: true };
  if (status === 503 || status === 429) return { text: "Too many pages are being made at the moment.", isFinal: false };
  return { text: "The page could not be loaded.", isFinal: false };
};

/** An answer's reason, from its body: `{detail: {details: {reason}}}`. */
export const reasonOf = (body) => body?.detail?.details?.reason ?? null;

/** What is said of warnings that came with a page; empty if there is nothing to say. */
export const warned = ({ has_text: hasText, warnings = [] }) => {
  if (hasText === false) return "This page has no text to search. Only places that came with the review are marked.";
  return WARNINGS.find(([code]) => warnings.includes(code))?.[1] ?? "";
};

const WARNINGS = [
  ["form_values_not_drawn", "Values of form fields may be missing here. Download the original to see them."],
  ["images_not_drawn", "A picture on this page could not be drawn. Download the original to see it."],
  ["fonts_missing", "Some text on this page may be missing. Download the original to see it."],
  ["annotations_not_drawn", "A note on this page could not be drawn. Download the original to see it."],
];
