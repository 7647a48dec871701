/** Probabilities from scores; the temperature flattens them (above 1) or sharpens them (below). */
export function softmax(scores, temperature = 1) {
  const top = Math.max(...scores)
  const powers = scores.map((score) => Math.exp((score - top) / temperature))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
