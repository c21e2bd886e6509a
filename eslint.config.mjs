// Rules for the scripts of demos and pages. They need no package: `eslint` alone, of version 9 or later, runs them.

const BROWSER = [
  "Blob", "CustomEvent", "Image", "IntersectionObserver", "MutationObserver", "Option", "ResizeObserver", "URL", "URLSearchParams",
  "addEventListener", "clearInterval", "clearTimeout", "console", "devicePixelRatio", "document", "fetch", "getComputedStyle",
  "history", "innerHeight", "innerWidth", "localStorage", "location", "matchMedia", "navigator", "performance",
  "removeEventListener", "requestAnimationFrame", "setInterval", "setTimeout", "window",
];
const NODE = ["Buffer", "URL", "URLSearchParams", "clearTimeout", "globalThis", "process", "setTimeout"];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const RULES = {
  "array-callback-return": "error",
  "constructor-super": "error",
  curly: ["error", "multi-line"],
  "default-case-last": "error",
  eqeqeq: "error",
  "for-direction": "error",
  "getter-return": "error",
  "max-len": ["error", { code: 130, ignoreStrings: true, ignoreTemplateLiterals: true }],
  "no-async-promise-executor": "error",
  "no-class-assign": "error",
  "no-compare-neg-zero": "error",
  "no-cond-assign": ["error", "except-parens"],
  "no-const-assign": "error",
  "no-constant-condition": "error",
  "no-dupe-args": "error",
  "no-dupe-class-members": "error",
  "no-dupe-else-if": "error",
  "no-dupe-keys": "error",
  "no-duplicate-case": "error",
  "no-empty": "error",
  "no-eval": "error",
  "no-fallthrough": "error",
  "no-func-assign": "error",
  "no-implicit-globals": ["error", { lexicalBindings: false }],
  "no-implied-eval": "error",
  "no-irregular-whitespace": "error",
  "no-loss-of-precision": "error",
  "no-new-func": "error",
  "no-prototype-builtins": "error",
  "no-redeclare": "error",
  "no-self-assign": "error",
  "no-self-compare": "error",
  "no-shadow-restricted-names": "error",
  "no-sparse-arrays": "error",
  "no-this-before-super": "error",
  "no-undef": "error",
  "no-unreachable": "error",
  "no-unsafe-finally": "error",
  "no-unsafe-optional-chaining": "error",
  "no-unused-expressions": ["error", { allowShortCircuit: true, allowTernary: true }],
  "no-unused-vars": ["error", { caughtErrors: "none" }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-useless-catch": "error",
  "no-useless-escape": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "require-yield": "error",
  "use-isnan": "error",
  "valid-typeof": "error",
};

export default [
  { ignores: ["**/.venv/**", "site/**", "**/node_modules/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: RULES },
  {
    files: ["courseware/demos/engine/*.js", "courseware/practice/*.js", "courseware/present/*.js"],
    languageOptions: { sourceType: "module", globals: readonly(BROWSER) },
  },
  {
    files: ["courseware/pages/static/*.js"],
    languageOptions: { sourceType: "script", globals: readonly([...BROWSER, "lsml", "lsmlFront", "module"]) },
  },
  {
    files: ["courseware/pages/static/page.js"], // it defines what the other scripts use
    languageOptions: { globals: { lsml: "off" } },
  },
  {
    files: ["tests/scripts/*.mjs", "eslint.config.mjs"],
    languageOptions: { sourceType: "module", globals: readonly(NODE) },
  },
];
