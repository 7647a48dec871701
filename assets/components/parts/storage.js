// What the browser keeps: for this tab (sessionStorage) or for all of them (localStorage). Where
// storage is forbidden, as in another site's frame, the mere look at it throws; so it is looked at
// here, by its name.

/**
 * The value kept under a key; null when there is none, or it is no JSON, or storage is forbidden.
 *
 * @param {"sessionStorage" | "localStorage"} storage
 * @param {string} key
 */
export function recall(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key))
  } catch {
    return null
  }
}

/**
 * Keep a value, or with null forget it; where storage is forbidden nothing is kept.
 *
 * @param {"sessionStorage" | "localStorage"} storage
 * @param {string} key
 * @param {unknown} value
 */
export function keep(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key)
    else window[storage].setItem(key, JSON.stringify(value))
  } catch {
    // the page works without it, until it is loaded again
  }
}
