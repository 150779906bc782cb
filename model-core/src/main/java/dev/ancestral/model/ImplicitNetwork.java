package dev.ancestral.model;

/** A network that can only be sampled, trained by a game. */
public non-sealed interface ImplicitNetwork extends Network {}
