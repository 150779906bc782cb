/** Reading of settings: typed, with every problem reported at once. */
package dev.ancestral.config;
