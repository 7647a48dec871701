// Movements of a figure.

/** Whether the browser was asked to leave movements out. */
export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches
