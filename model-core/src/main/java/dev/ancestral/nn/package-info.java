/**
 * Layers: each declares its parameters in a layout and is a pure function of weights and inputs.
 * Families are put together from them.
 */
package dev.ancestral.nn;
