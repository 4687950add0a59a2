// Light or dark: the system's wish, or what was chosen here, which this browser remembers.

const NAME = "forebay.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

class Theme {
  chosen = $state(localStorage.getItem(NAME) ?? "");
  system = $state(system.matches);
  dark = $derived(this.chosen ? this.chosen === "dark" : this.system);

  constructor() {
    system.addEventListener("change", () => (this.system = system.matches));
    this.#show();
  }

  turn(): void {
    this.chosen = this.dark ? "light" : "dark";
    localStorage.setItem(NAME, this.chosen);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset.theme = this.chosen;
  }
}

export const theme = new Theme();
