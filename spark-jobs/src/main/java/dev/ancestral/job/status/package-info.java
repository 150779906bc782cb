/** What a command says while it runs and when it ends. */
package dev.ancestral.job.status;
