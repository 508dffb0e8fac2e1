import { effect, signal } from "@preact/signals";
import type { ThemeName } from "../draw/palette";

const KEY = "flarepath.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function remembered(): ThemeName | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null; // Storage may be forbidden; then the system decides each time.
  }
}

export const theme = signal<ThemeName>(remembered() ?? (system.matches ? "dark" : "light"));

export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // Not remembered then; the page works all the same.
  }
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});
system.addEventListener("change", (event) => {
  if (remembered() === null) theme.value = event.matches ? "dark" : "light";
});
