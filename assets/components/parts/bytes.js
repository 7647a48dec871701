// Numbers come from Python as base64: one byte each, or four for a float.

/** The bytes of a base64 text, 0 to 255. */
export const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/** The numbers of a base64 text of 32-bit floats, lowest byte first. */
export const floats = (text) => new Float32Array(bytes(text).buffer)
