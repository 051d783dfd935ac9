"""What the project claims, measured: accuracy, speed, and the training of the score."""
