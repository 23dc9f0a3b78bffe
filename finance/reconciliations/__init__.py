"""Bank reconciliations (银行存款余额调节表): each month the bank journal is compared with the bank's statement."""
