/** The value of a token of the theme, as it is now. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Calls back now and whenever the system's light or dark theme changes. Returns the unsubscribe. */
export function onThemeChange(listener: () => void): () => void {
  const light = matchMedia('(prefers-color-scheme: light)');
  light.addEventListener('change', listener);
  listener();
  return () => light.removeEventListener('change', listener);
}
