// SPDX-License-Identifier: MIT
// MathJax 2, as Debian packages it: formulas are what pymdownx.arithmatex has marked.
window.MathJax = {
  messageStyle: "none",
  showMathMenu: false,
  tex2jax: {
    inlineMath: [["\\(", "\\)"]],
    displayMath: [["\\[", "\\]"]],
    ignoreClass: ".*",
    processClass: "arithmatex",
  },
};
