/** Labels of models of p(x | label): their frequencies, and p(x) and p(x, label) from them. */
package dev.ancestral.model.label;
