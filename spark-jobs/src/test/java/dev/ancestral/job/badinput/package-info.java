/** Wrong specs, damaged files and impossible wishes, given to the commands as a user would. */
package dev.ancestral.job.badinput;
