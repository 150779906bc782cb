/** What a generative model is: events, families, kinds of likelihood, samplers. */
package dev.ancestral.model;
