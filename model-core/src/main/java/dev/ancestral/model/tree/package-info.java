/**
 * Mixtures of trees: in each component every variable depends on one other (Chow &amp; Liu 1968;
 * Meilă &amp; Jordan 2000).
 */
package dev.ancestral.model.tree;
