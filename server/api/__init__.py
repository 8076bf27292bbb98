"""The one door for the desktop and the commands alike: a file per subject, plain values in and out."""
