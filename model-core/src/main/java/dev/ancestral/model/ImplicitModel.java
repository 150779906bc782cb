package dev.ancestral.model;

/** A sampler without a density: scored only by estimates that say so (AIS, KDE, two-sample). */
public non-sealed interface ImplicitModel extends GenerativeModel {}
